"""SF2530 and SF2520: child support withheld from cash benefit, exchanged as files over SFTP.

Each party is a package of its own (`hub`, `debitor`, `ky`) and never imports another. They share
what lies below them: `exchange` (taking part in file exchange), `records` (fixed-length files),
`database` and `denmark`. `sandbox` runs all of them on one machine. Start reading in `docs/architecture.md`.
"""
