"""`python -m refsync.notify SENTENCE` sends a failure to the webhook, for a workflow's step."""

import os
import sys

from refsync.notify.tell import tell_failure
from refsync.settings import webhook_url


def main() -> int:
    """Send the sentence, if a webhook is set; return the exit code, which is 0."""
    url = webhook_url(os.environ)
    warning = tell_failure(url, " ".join(sys.argv[1:])) if url else None
    if warning:
        print(f"Warning: {warning}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
