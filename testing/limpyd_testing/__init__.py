"""What the tests of all packages share: a real server, and fixtures that give databases on it."""
