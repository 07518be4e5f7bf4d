CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `x0` varchar(50) DEFAULT NULL,
  `x1` int(11) DEFAULT connection_id(),
  `x2` bigint(20) DEFAULT uuid_short(),
  `x3` datetime DEFAULT utc_timestamp(),
  `x4` datetime DEFAULT sysdate(),
  `x5` datetime DEFAULT (current_timestamp() + interval 1 hour),
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci