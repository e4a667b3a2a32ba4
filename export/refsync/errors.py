"""What can go wrong, as one sentence with the next step in it."""


class RefsyncError(Exception):
    """Base of every error that refsync explains to its user.

    Its text is one sentence that names the thing and says what to do next; it never holds a secret.
    """

    exit_code = 1


class ConfigError(RefsyncError):
    """An option, a variable or a file of settings is missing or wrong."""

    exit_code = 2


class MartError(RefsyncError):
    """The marts cannot be read: not built, failed, still building, or not fit to be pushed."""


class DestinationError(RefsyncError):
    """The worksheets cannot be written; what was there before is still there, whole."""
