CREATE TABLE `t` (
  `id` int NOT NULL,
  `j` json DEFAULT NULL,
  `k` json GENERATED ALWAYS AS (json_extract(`j`,_utf8mb4'$.a')) STORED,
  `t` varchar(20) GENERATED ALWAYS AS (json_unquote(json_extract(`j`,_utf8mb4'$.b'))) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci