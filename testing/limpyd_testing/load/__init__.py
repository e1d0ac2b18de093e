"""A load of many processes on one server, and a judge of what it left behind.

Processes tell stories: a worker makes an author, a book and a reader of its own, changes them in every way
that limpyd knows, and removes them again. Before each operation it writes to its journal what it is about to
do, and afterwards how that ended. So whatever happens to the server, to the connection or to the worker, the
journal says what each story's data may look like, and the judge compares.

==============  ====================================================================
`models`        the models that the stories are about, with all four packages in use
`story`         what an operation on a story is
`operations`    all of them, each with what it should do to the data
`shared`        operations on what all workers share
`journal`       the file in which a worker notes what it does
`figures`       how fast a worker was, and how much memory it had
`opener`        how workers reach the server
`worker`        the process that works
`load`          starts, watches and ends workers
`judge`         compares data and journals
`found`         reads the data for it
`check`         the end of a test: nothing is lost, repeated or half-done
==============  ====================================================================
"""
