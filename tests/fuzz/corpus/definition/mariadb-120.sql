CREATE TABLE `t` (
  `a` text DEFAULT 'x',
  `b` blob DEFAULT X'00ff',
  `c` int(11) DEFAULT 1,
  `d` int(11) DEFAULT -1,
  `e` varchar(9) DEFAULT if(1,'a','b'),
  `f` int(11) DEFAULT (2 > 1)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci