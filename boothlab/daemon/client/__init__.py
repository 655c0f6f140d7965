"""The clients: they ask a daemon over TCP, ours or ClusterLabs', and tell what it says."""
