"""`python -m refsync` runs `refsync-push`."""

from refsync.cli import main

main()
