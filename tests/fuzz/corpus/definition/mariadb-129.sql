CREATE TABLE `t` (
  `a` varchar(10) DEFAULT user(),
  `b` int(11) DEFAULT connection_id(),
  `c` varchar(9) DEFAULT current_role()
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci