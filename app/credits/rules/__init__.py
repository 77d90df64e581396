"""Rules of learning hours (学时规则): what counts of watching, and how much it brings."""
