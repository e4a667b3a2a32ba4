"""Google's API: requests, answers, credentials and retries."""
