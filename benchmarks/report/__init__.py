"""Makes `docs/benchmarks.md` and its charts of the results in `docs/benchmarks/`: `hatch run bench:report`.

Nothing is measured here, and the same results make the same files. `figures` knows what the numbers mean,
`tables` and `charts` show them, and `page` puts it all together, with the prose of `page.md`, and with what
`explanations.toml` says of everything that is faster than limpyd.
"""

from __future__ import annotations
