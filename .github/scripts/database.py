"""Begin without the last database if it is damaged; otherwise each run would fail.

A damaged file may end the process that reads it, so it is read by another one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DATABASE = Path("refsync.duckdb")

READ = """
import sys, duckdb
with duckdb.connect(sys.argv[1]) as connection:
    connection.execute("set memory_limit = '1GB'")
    for schema, table in connection.execute(
        "select schema_name, table_name from duckdb_tables() where not temporary"
    ).fetchall():
        schema, table = (name.replace('"', '""') for name in (schema, table))
        connection.execute(f'select bit_xor(hash(rows)) from "{schema}"."{table}" as rows')
"""


def main() -> int:
    """Remove a database that cannot be read to its end; return the exit code, which is 0."""
    if DATABASE.exists():
        done = subprocess.run(
            [sys.executable, "-c", READ, str(DATABASE)], capture_output=True, check=False
        )
        if done.returncode:
            DATABASE.unlink()
            print("::warning::The last database is damaged: this run begins without it.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
