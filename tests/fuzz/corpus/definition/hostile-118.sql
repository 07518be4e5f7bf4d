CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  `c` int /*!80023 /*!80023 INVISIBLE */ */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4