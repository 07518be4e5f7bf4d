CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (json_search(`b`,'one','x')) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (aes_encrypt(`b`,'k')) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (compress(`b`)) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (regexp_replace(`b`,'a','b')) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (regexp_substr(`b`,'a')) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (weight_string(`b`,0,0,1)) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (weight_string(`b`,0,3,65)) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (extractvalue(`b`,'/a')) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci