CREATE TABLE `t` (
  `id` int,
  `a` int,
  `s` varchar(9),
  `j` json,
  `d` datetime,
  KEY `k` (`a`) /*!50000 SELECT */
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4