-- Which event comes next, and which transaction is newer than all that can have drawn a smaller number?
SELECT next_seq, next_xid FROM wavegate.born()
