CREATE TABLE `t` (
  `id` int(11) NOT NULL
) ENGINE=CSV DEFAULT CHARSET=latin1 COLLATE=latin1_swedish_ci