insert into price_book_revision (id, revision) values (1, 0);
