CREATE TABLE `t` (
  `id` int
) ENGINE=InnoDB /*!50100 COMMENT='x'