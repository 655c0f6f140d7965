"""The I/O around ``boothlab.core``: boothd, booth and geostore. Standard library only."""
