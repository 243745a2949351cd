"""The error whose message is meant for people."""


class UserError(Exception):
    """Something the user can put right; its message is one sentence that names the thing and the fix."""
