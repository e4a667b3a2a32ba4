"""Messages to a webhook: what a push changed, or why it failed, in words."""
