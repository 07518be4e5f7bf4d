CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `b` date NOT NULL,
  `e` date NOT NULL,
  PERIOD FOR `valid` (`b`, `e`),
  PRIMARY KEY (`id`,`valid` WITHOUT OVERLAPS)
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci