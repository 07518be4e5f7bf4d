CREATE TABLE `t` (
  `u` uuid DEFAULT uuid(),
  `v` inet6 DEFAULT NULL,
  `w` inet4 DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci