"""What breaks, each with what mends it: lines, daemons, processes, disks, the database, clocks."""
