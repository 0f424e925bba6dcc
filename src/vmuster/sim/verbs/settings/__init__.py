"""What is there from the beginning: hosts, clusters, policies, VMs."""
