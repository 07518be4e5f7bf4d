CREATE TABLE `t` (
  `id` int NOT NULL,
  `a` varchar(20) DEFAULT NULL,
  `j` json DEFAULT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `functional_index` ((lower(`a`))),
  KEY `k2` ((cast(json_extract(`j`,_utf8mb4'$.tags') as unsigned array))),
  KEY `k3` ((cast(json_unquote(json_extract(`j`,_utf8mb4'$.x')) as char(10) array)),`id` DESC)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci