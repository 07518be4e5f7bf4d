CREATE TABLE `t` (
  `id` int(11) NOT NULL,
  `a` int(11) DEFAULT NULL,
  `b` varchar(20) DEFAULT NULL,
  `d` datetime DEFAULT NULL,
  `g0` varchar(200) GENERATED ALWAYS AS (timestamp(`d`,'1:0')) VIRTUAL,
  `g1` varchar(200) GENERATED ALWAYS AS (`d` + interval 1 day) VIRTUAL,
  `g2` varchar(200) GENERATED ALWAYS AS (convert_tz(`d`,'+00:00','+01:00')) VIRTUAL,
  `g3` varchar(200) GENERATED ALWAYS AS (period_add(202001,1)) VIRTUAL,
  `g4` varchar(200) GENERATED ALWAYS AS (inet_ntoa(`a`)) VIRTUAL,
  `g5` varchar(200) GENERATED ALWAYS AS (inet6_ntoa(inet6_aton(`b`))) VIRTUAL,
  `g6` varchar(200) GENERATED ALWAYS AS (json_extract(`b`,'$.a')) VIRTUAL,
  `g7` varchar(200) GENERATED ALWAYS AS (json_unquote(json_extract(`b`,'$.a'))) VIRTUAL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci