CREATE TABLE `t` (
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT (cast(1 as char charset utf8mb4)),
  `c` double DEFAULT (`a` * 1e10),
  `e` date DEFAULT '2020-01-01',
  `f` int(11) DEFAULT (case when 1 then 2 end),
  `h` int(11) DEFAULT (`a` between 1 and 2),
  `i` int(11) DEFAULT (`a` collate latin1_bin = 'x')
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci