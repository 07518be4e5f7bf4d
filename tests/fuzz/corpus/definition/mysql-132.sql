CREATE TABLE `t` (
  `id` int DEFAULT NULL,
  `s` varchar(20) DEFAULT NULL,
  FULLTEXT KEY `f` (`s`) /*!50100 WITH PARSER `ngram` */ 
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_ai_ci