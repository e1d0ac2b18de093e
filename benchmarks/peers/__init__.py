"""The same objects created by other libraries, each in an environment of its own.

`python -m benchmarks.peers` measures all of them. A peer is a module that takes the URL of an empty
server and the number of objects, and prints one line of JSON: how many it created, and in how many seconds.
"""

from __future__ import annotations
