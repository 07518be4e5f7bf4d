CREATE TABLE `t` (
  `a` int(11) DEFAULT `a2`,
  `a2` int(11) DEFAULT 3,
  `b` datetime DEFAULT (current_timestamp() + interval 1 day) ON UPDATE current_timestamp()
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci