"""booth.conf: from its text to a frozen ``Config``, every rule of it in one place."""
