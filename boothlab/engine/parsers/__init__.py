"""What the real tools print, as typed values.

One module a tool. Lines and attributes that a parser does not know are passed
over, because newer versions add some; a line that it should know and cannot read
raises ParseError. Commands that say in an orderly way that there is nothing to say
(no cluster, no daemon, no such ticket) give a value for that, not an error.
"""
