console.log("a board");
