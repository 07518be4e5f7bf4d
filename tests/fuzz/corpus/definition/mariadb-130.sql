CREATE TABLE `t` (
  `a` datetime /* mariadb-5.3 */ DEFAULT NULL,
  `b` time /* mariadb-5.3 */ DEFAULT NULL,
  `c` timestamp /* mariadb-5.3 */ NULL DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci