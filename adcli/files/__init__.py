"""Tables of numbers in files of many formats, read and written in blocks of rows."""
