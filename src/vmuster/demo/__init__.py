"""The story that the demo plays, and the rig of real hosts and guests that it plays on."""
