CREATE TABLE `t` (
  `my_row_id` bigint unsigned NOT NULL AUTO_INCREMENT /*!80023 INVISIBLE */,
  `s` varchar(9) DEFAULT (cast(_utf8mb4'x' as char charset utf8mb4)),
  `d` year GENERATED ALWAYS AS (cast(`s` as year)) VIRTUAL,
  `f` float GENERATED ALWAYS AS (cast(`s` as float)) VIRTUAL,
  `r` double GENERATED ALWAYS AS (cast(`s` as double)) VIRTUAL,
  `j` json GENERATED ALWAYS AS (cast(`s` as json)) VIRTUAL,
  PRIMARY KEY (`my_row_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci