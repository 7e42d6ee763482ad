"""What pages are about: shops, people, goods, places, subjects."""

from __future__ import annotations

SHOPS = ("Green Corner", "Blue Cup", "Old Mill", "Sun Market", "River Shop", "Star Bakery", "Hill Farm", "Moon Café", "Red Barn", "Lake Store", "Oak Garden", "Harbour Deli")  # fmt: skip
GOODS = ("apple", "bread", "cheese", "milk", "tea", "coffee", "cake", "pizza", "soup", "juice", "salad", "honey", "butter", "rice", "plum", "pear")  # fmt: skip
NAMES = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Grace", "Henry", "Ida", "Jonas", "Kate", "Leo", "Mia", "Noah", "Olga", "Paul")  # fmt: skip
SURNAMES = ("Adler", "Brown", "Costa", "Dahl", "Evans", "Frost", "Green", "Hart", "Jensen", "King", "Lopez", "Moore")
TOWNS = ("Ashford", "Bremen", "Calais", "Dover", "Essen", "Faro", "Genoa", "Hilden", "Izmir", "Jena", "Kiel", "Lund")
JOBS = (
    "teacher",
    "baker",
    "nurse",
    "driver",
    "farmer",
    "painter",
    "cook",
    "doctor",
    "tailor",
    "singer",
    "pilot",
    "clerk",
)
PETS = ("dog", "cat", "bird", "fish", "horse", "rabbit", "mouse", "duck", "snake", "frog", "goat", "hen")
SUBJECTS = ("your visit", "the garden", "a new bike", "the school trip", "the summer fair", "our picnic", "the old boat", "a lost key", "the music class", "the red car", "the book club", "a broken lamp")  # fmt: skip
SENTENCES = ("We were glad to hear from you.", "The weather is fine here.", "Please write soon.", "We will meet at the station.", "There is news to share.", "All of us are well.", "It will not take long.", "Bring a warm coat.", "The door will be open.", "Thank you for your help.")  # fmt: skip
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
TEAMS = ("Lions", "Bears", "Hawks", "Foxes", "Wolves", "Owls", "Bees", "Crabs", "Swans", "Bulls", "Rams", "Colts")
COLUMNS = ("won", "lost", "drawn", "goals", "points", "fouls", "cards", "saves", "shots", "games")
TOPICS = ("Water", "Trains", "Bees", "Bread", "Stars", "Clouds", "Bridges", "Maps", "Clocks", "Paper", "Salt", "Wool")
FACTS = ("It is all around us.", "Many people need it.", "It has a long history.", "It can be found everywhere.", "Children learn about it.", "It is made in many lands.", "Some of it is very old.", "It is easy to use.", "It was rare once.", "It keeps us warm.")  # fmt: skip
SIGNS = ("OPEN", "CLOSED", "SALE", "STOP", "EXIT", "FRESH BREAD", "NO DOGS", "HOT TEA", "BUS STOP", "BOOK FAIR", "LIVE MUSIC", "TOY SHOP", "ICE CREAM", "LOST CAT", "FREE ENTRY", "BEWARE", "WELCOME", "SILENCE", "CHESS CLUB", "CAR WASH")  # fmt: skip
