"""Lets `python -m refsync` stand in for `refsync-push`."""

from refsync.cli import main

main()
