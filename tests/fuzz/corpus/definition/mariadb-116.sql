CREATE TABLE `t` (
  `id` int(11) DEFAULT NULL,
  `t` text DEFAULT NULL,
  UNIQUE KEY `t` (`t`) USING HASH
) ENGINE=InnoDB DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci