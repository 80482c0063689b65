DROP TABLE pricing.promotion_uses;
DROP TABLE pricing.promotions;
