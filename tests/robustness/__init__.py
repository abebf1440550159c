"""What a device in a cupboard meets, done to the runtime on purpose."""
