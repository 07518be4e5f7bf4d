CREATE TABLE `t` (
  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,
  `a` int DEFAULT NULL,
  PRIMARY KEY (`my_row_id`),
  KEY `functional_index` (((`a` is null))),
  KEY `functional_index_2` (((`a` between 1 and 2))),
  KEY `functional_index_3` (((case when (`a` > 1) then 1 else 2 end)))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci