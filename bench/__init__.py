"""What vmuster costs, measured beside bare limits and a peer in the same run: `./dev bench`."""
