"""Identity policies: what IAM attaches to a user, group or role, and what that lets it do."""
