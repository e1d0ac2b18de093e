"""The same work done by other libraries, by limpyd, and by hand on redis-py: `hatch run peers`.

`people` is the data, `adapter` what every contender has to be able to do, `contenders` has one module for
each. `work` times them and checks their answers, `run` does that in a contender's own environment, and
`__main__` runs all of them on one server, in turns.
"""

from __future__ import annotations
